"""Other programs that read BMP, and the streams that they and peerlint read."""
