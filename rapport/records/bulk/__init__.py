"""Acts on many rows: selecting, carrying out, taking back."""
