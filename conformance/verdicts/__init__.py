"""From test outcomes and monitors over the merged journal to one verdict per requirement."""
