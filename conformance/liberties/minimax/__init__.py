"""How the reference takes each liberty that the documents of the system leave, by subject."""
