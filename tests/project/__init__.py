"""What holds for the repository as a whole: its files, its packages and its commands."""
