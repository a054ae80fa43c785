"""A catalogue of playlists: public and private ones, tracks in an order."""
