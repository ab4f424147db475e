"""What the program hands its records over with: a module for each."""
