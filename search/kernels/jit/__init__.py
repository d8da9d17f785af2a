"""How loops are compiled by numba, where compiled ones are kept, and what they use of vector instructions."""
