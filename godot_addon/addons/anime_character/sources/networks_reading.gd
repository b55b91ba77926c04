@tool
extends RefCounted
## A character's networks being read on one of Godot's worker threads: some hundredths of a second that no frame pays.

const BackgroundTask := preload("background_task.gd")
const CharacterNetworks := preload("character_networks.gd")

## The networks; null until they are read. What is wrong with them, they say.
var networks: CharacterNetworks


## Begins to read the bytes of a [code].tha4[/code] file. They are read to the end even when nobody wants them any more.
static func begin(file: PackedByteArray) -> RefCounted:
	var reading := new()
	var read := CharacterNetworks.new()
	BackgroundTask.begin(read.read.bind(file), _finish.bind(reading, read), true, "reading a character")
	return reading


## One that is over.
static func of(read: CharacterNetworks) -> RefCounted:
	var reading := new()
	reading.networks = read
	return reading


static func _finish(reading: RefCounted, read: CharacterNetworks) -> void:
	reading.networks = read
