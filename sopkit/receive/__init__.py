"""What officials wrote in Word comes back: a PTPP is opened, read, held against archive and register, and written."""
