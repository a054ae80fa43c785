"""What the document alone shows of things that are made, read, listed, changed and ended."""
