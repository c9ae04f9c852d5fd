"""Files in and out: bounded, read, mapped, judged row by row, kept wholly or not at all, given back."""
