"""What `keras.datasets` returns while a page is executed."""
