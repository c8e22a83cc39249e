"""What a region's machines take besides their own watts, and what making the electricity puts into the air.

`falaj plan` reckons by it before anything runs; Prometheus does the same with what is measured.
"""

from infra.catalog.aws.source import Facts, Source


class Energy(Facts):
    """Of a region."""

    source: Source
    pue: float
    """Watts of the whole building for each watt of its machines: cooling, losses, light."""
    grid: float
    """Grams of CO2 equivalent for each kWh of the country's grid, as it is consumed, the mean of a year."""

    def facility(self, watts: float) -> float:
        """Watts of the building, of its machines' watts."""
        return watts * self.pue

    def carbon(self, watts: float) -> float:
        """Grams of CO2 equivalent an hour, of the machines' watts."""
        return self.facility(watts) / 1000 * self.grid
