"""Places that a free text names, by the city's own data: pure."""

from juanchi.intake.places.reading import PlaceReader, Reading

__all__ = ["PlaceReader", "Reading"]
