"""What this suite and other tools find of the same faults, and what that costs: `make bench`."""
