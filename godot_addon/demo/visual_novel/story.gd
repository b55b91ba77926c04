extends RefCounted
## A dialogue, read from a JSON file.
##
## [code]cast[/code] names the speakers. [code]lines[/code] is what happens, from top to bottom: a line that somebody
## says, or a choice. [code]go[/code] jumps to the line with that [code]label[/code].
## [codeblock]
## {"who": "yunagi", "mood": "joy", "say": "Good night, Kohaku.", "go": "end"}
## {"choices": [{"say": "Stay", "go": "end"}, {"say": "Leave", "go": "street"}]}
## [/codeblock]


## What stands at one place of the story.
class Line:
	extends RefCounted
	## Who speaks: a key of [member cast]; empty for a choice.
	var who := ""
	## The speaker's expression from here on.
	var mood := ""
	## What is said.
	var say := ""
	## What there is to choose from, and where each leads.
	var choices: Dictionary[String, String] = {}
	## Where the story goes on; empty: with the next line.
	var go := ""


## The speakers' names.
var cast: Dictionary[String, String] = {}
## What is wrong with the story, or empty.
var problem := ""

var _lines: Array[Line] = []
var _labels: Dictionary[String, int] = {}


## Reads [param path], a JSON file of the project.
func _init(path: String) -> void:
	var json := load(path) as JSON
	if json == null or not json.data is Dictionary:
		problem = "%s is no story: it must be a JSON file that holds an object." % path
		return
	var data: Dictionary = json.data
	cast.assign(data.get("cast", {}))
	for entry: Dictionary in data.get("lines", []):
		_read(entry)
	_check(path)


## How many lines there are.
func size() -> int:
	return _lines.size()


## The line at [param place]; null after the end.
func line(place: int) -> Line:
	return _lines[place] if place < _lines.size() else null


## Where the story goes on after the line at [param place].
func after(place: int) -> int:
	return place + 1 if _lines[place].go.is_empty() else place_of(_lines[place].go)


## Where a label is.
func place_of(label: String) -> int:
	return _labels[label]


func _read(entry: Dictionary) -> void:
	var read := Line.new()
	read.who = entry.get("who", "")
	read.mood = entry.get("mood", "")
	read.say = entry.get("say", "")
	read.go = entry.get("go", "")
	for choice: Dictionary in entry.get("choices", []):
		read.choices[choice["say"]] = choice["go"]
	if entry.has("label"):
		_labels[entry["label"]] = _lines.size()
	_lines.append(read)


func _check(path: String) -> void:
	for place in _lines.size():
		var read := _lines[place]
		if read.choices.is_empty() and not cast.has(read.who):
			problem = ('%s: line %d is said by "%s", who is not in the cast.' % [path, place + 1, read.who])
		var targets: Array[String] = []
		targets.assign(read.choices.values())
		if not read.go.is_empty():
			targets.append(read.go)
		for target in targets:
			if not _labels.has(target):
				problem = ('%s: line %d goes to "%s", which no line has as its label.' % [path, place + 1, target])
