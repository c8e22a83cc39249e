"""What is there before any stack: where states are kept, and the key that seals their secrets."""
