"""A small API of rooms and their bookings with switchable faults, known to the suite by its document only."""
