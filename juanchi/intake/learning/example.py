"""What a model learns from: a matter as it came in, and how people decided it in the end."""

from juanchi.domain.examples import Example as Example
