"""What past tickets teach: models of items and of units, their calibration, their files."""
