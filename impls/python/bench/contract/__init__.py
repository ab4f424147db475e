"""What every runner takes and says, whatever it loads and reads."""
