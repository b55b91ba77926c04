@tool
extends RefCounted
## A character's networks being read on one of Godot's worker threads: some hundredths of a second that no frame pays.

const BackgroundTask := preload("background_task.gd")
const CharacterFile := preload("../character/character_file.gd")
const CharacterNetworks := preload("character_networks.gd")

## The networks; null until they are read. What is wrong with them, they say.
var networks: CharacterNetworks
## The larger drawing, straight-alpha RGBA8, when it was asked for and is there; empty otherwise.
var drawing := PackedByteArray()


## Begins to read the bytes of a [code].tha4[/code] file. They are read to the end even when nobody wants them any more.
static func begin(file: PackedByteArray, with_drawing: bool = false) -> RefCounted:
	var reading := new()
	var read := CharacterNetworks.new()
	var work := _read.bind(reading, read, file, with_drawing)
	BackgroundTask.begin(work, _finish.bind(reading, read), true, "reading a character")
	return reading


## One that is over.
static func of(read: CharacterNetworks) -> RefCounted:
	var reading := new()
	reading.networks = read
	return reading


# On a thread of the pool.
static func _read(reading: RefCounted, read: CharacterNetworks, file: PackedByteArray, with_drawing: bool) -> void:
	read.read(file)
	var larger := CharacterFile.read_larger(file) if with_drawing else null
	if larger:
		reading.drawing = larger.get_data()


static func _finish(reading: RefCounted, read: CharacterNetworks) -> void:
	reading.networks = read
