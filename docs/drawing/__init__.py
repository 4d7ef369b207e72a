"""What the pictures of the pages are drawn with, and one module for each of them."""
