"""The tables: flights out of New York's airports in 2013, and the hourly weather there. Nobody's personal data."""

from workloads.lib.data.column import Column, Schema

FLIGHTS = Schema(
    "flights",
    (
        Column("year", "Local year", "integer", 2013, 2013),
        Column("month", "Local month", "integer", 1, 12),
        Column("day", "Local day of the month", "integer", 1, 31),
        Column("hour", "Local hour of the scheduled departure", "integer", 0, 23),
        Column("minute", "Minute of the scheduled departure", "integer", 0, 59),
        Column("time_hour", "The scheduled departure's hour", "instant"),
        Column("carrier", "Airline", "text"),
        Column("flight", "Flight number", "integer", 1, 9999),
        Column("origin", "Airport of departure", "text"),
        Column("dest", "Airport of arrival", "text"),
        Column("distance", "Miles flown", "integer", 1, 6000),
        Column("dep_delay", "Minutes after the schedule; none when cancelled", "number", -120, 1440, nullable=True),
    ),
    key=("time_hour", "carrier", "flight", "origin"),
    time="time_hour",
)
UNUSED = ("dep_time", "sched_dep_time", "arr_time", "sched_arr_time", "arr_delay", "tailnum", "air_time")
"""Known only after the departure, or told by the columns kept."""

WEATHER = Schema(
    "weather",
    (
        Column("origin", "Airport", "text"),
        Column("time_hour", "When it was observed", "instant"),
        Column("temp", "Temperature, °F", "number", -40, 130, nullable=True),
        Column("dewp", "Dew point, °F", "number", -60, 100, nullable=True),
        Column("humid", "Relative humidity, %", "number", 0, 100, nullable=True),
        Column("wind_dir", "Wind from, degrees", "number", 0, 360, nullable=True),
        Column(
            "wind_speed",
            "Wind, miles an hour (one row has 1,048)",
            "number",
            0,
            200,
            nullable=True,
        ),
        Column("wind_gust", "Gusts, miles an hour", "number", 0, 250, nullable=True),
        Column("precip", "Rain in the hour, inches", "number", 0, 10, nullable=True),
        Column("pressure", "At sea level, millibars", "number", 870, 1085, nullable=True),
        Column("visib", "Sight, miles", "number", 0, 10, nullable=True),
    ),
    key=("origin", "time_hour"),
    time="time_hour",
)
UNUSED_WEATHER = ("year", "month", "day", "hour")
