"""The engine of «Keras en vivo»: a chapter is parsed once, executed once and shown three ways."""
