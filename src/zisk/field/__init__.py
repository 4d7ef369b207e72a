"""KoalaBear and its extension of degree 5, in plain integers and in NumPy."""
