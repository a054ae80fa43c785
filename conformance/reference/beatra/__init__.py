"""A working implementation of the beatra API: music, tasks, uploads and the conventions they share."""
