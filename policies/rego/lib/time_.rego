# Time, as the question has it: no rule reads a clock.
package falaj.time_

hour := 3600000000000

day := 24 * hour

now := of(input.now)

# A moment, ns; undefined for what is no RFC 3339 time.
of(text) := time.parse_rfc3339_ns(text) if is_time(text)

# The days that not every month has are for the clock's own parser: to it the 31st of April is an error.
is_time(text) if {
	is_string(text)
	regex.match(form, text)
	days := {"02": 28, "04": 30, "06": 30, "09": 30, "11": 30}
	to_number(substring(text, 8, 2)) <= object.get(days, substring(text, 5, 2), 31)
}

form := `^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$`

# A clock may be a little ahead of another.
skew := hour / 12

# Whether a span is under way and is no longer than it may be; all in RFC 3339, the longest span in nanoseconds.
holds(from, until, longest) if {
	begun := of(from)
	ends := of(until)
	begun <= now + skew
	now < ends
	ends - begun <= longest + skew
}
