@tool
extends RefCounted
## Whom a character owes something: the works that it was made with, as [code]character.json[/code] lists them under
## [code]provenance[/code], [code]credits[/code]. Checked as tha4_core/character/credits.py does.

const _KEY := "credits"
const _MAX_CREDITS := 16
const _MAX_TEXT := 300
const _FIELDS: PackedStringArray = ["work", "creator", "licence", "terms", "link"]
## How many of the fields, from the first, must not be empty.
const _NEEDED := 3


## What is wrong with the credits of a provenance, as the rest of a sentence; empty when nothing is.
static func flaw(provenance: Dictionary) -> String:
	var listed: Variant = provenance.get(_KEY, [])
	if not listed is Array or (listed as Array).size() > _MAX_CREDITS:
		return "must be a list of at most %d objects" % _MAX_CREDITS
	for credit: Variant in listed:
		if not credit is Dictionary:
			return 'must hold objects with "work", "creator" and "licence"'
		for field in _FIELDS:
			if not _is_line((credit as Dictionary).get(field, "")):
				return 'must have texts of one line and at most %d characters ("%s")' % [_MAX_TEXT, field]
		for field in _FIELDS.slice(0, _NEEDED):
			if (credit as Dictionary).get(field, "") == "":
				return 'must say the "%s" of each' % field
	return ""


## One line for each credit of a provenance in which nothing is wrong.
static func lines(provenance: Dictionary) -> PackedStringArray:
	var written := PackedStringArray()
	if not flaw(provenance).is_empty():
		return written
	for credit: Dictionary in provenance.get(_KEY, []):
		var line := "%s by %s, %s" % [credit["work"], credit["creator"], credit["licence"]]
		var terms: String = credit.get("terms", "")
		var link: String = credit.get("link", "")
		line += "" if terms.is_empty() else " (%s)" % terms
		written.append(line + ("" if link.is_empty() else ", " + link))
	return written


static func _is_line(value: Variant) -> bool:
	if not value is String or (value as String).length() > _MAX_TEXT:
		return false
	for index in (value as String).length():
		var code := (value as String).unicode_at(index)
		if code < 0x20 or code >= 0x7F and code < 0xA0 or code == 0x2028 or code == 0x2029:
			return false
	return true
