"""A ticket desk: states, labels, comments; a user sees only what is theirs."""
