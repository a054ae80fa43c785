"""What the reference of any system needs: time, storage, sound and the common rules of HTTP."""
