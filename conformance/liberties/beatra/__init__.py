"""How the reference of beatra takes liberties."""
