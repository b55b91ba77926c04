@tool
extends RefCounted
## Finds what is wrong with untrusted bytes before they are made a [String]: the engine prints errors of its own on bad
## UTF-8, and cuts text at a NUL.


## What hinders [param raw] from being read as text, as "has ..."; empty when nothing does.
static func flaw(raw: PackedByteArray) -> String:
	var index := 0
	var size := raw.size()
	while index < size:
		var first := raw[index]
		index += 1
		if first == 0:
			return "has text with a NUL character, which GDScript cannot hold"
		if first < 0x80:
			continue
		var more := 1 if first < 0xe0 else (2 if first < 0xf0 else 3)
		if first < 0xc2 or first > 0xf4 or index + more > size:
			return "has text that is not UTF-8"
		var code := first & (0x3f >> more)
		for _step in more:
			if raw[index] & 0xc0 != 0x80:
				return "has text that is not UTF-8"
			code = code << 6 | raw[index] & 0x3f
			index += 1
		var smallest := 0x80 if more == 1 else (0x800 if more == 2 else 0x10000)
		if code < smallest or code > 0x10ffff or code >= 0xd800 and code <= 0xdfff:
			return "has text that is not UTF-8"
	return ""
