"""What is measured of the service: `make bench`."""
