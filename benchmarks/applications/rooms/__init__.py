"""Booking rooms: times that must not overlap."""
