@tool
extends RefCounted
## The characters of the scene that is open in the editor.


## Their nodes.
static func nodes() -> Array[AnimatedAnimeCharacter]:
	var found: Array[AnimatedAnimeCharacter] = []
	var root := EditorInterface.get_edited_scene_root()
	for node: Node in [root] + root.find_children("*", "Node2D", true, false) if root else []:
		if node is AnimatedAnimeCharacter:
			found.append(node)
	return found


## The folders that a bridge has to read some of them in, as absolute paths: those of characters in the form of a
## directory. The bytes of a [code].tha4[/code] file are sent to it.
static func folders() -> PackedStringArray:
	var found := PackedStringArray()
	for node in nodes():
		var character := node.character
		if character and character.file.is_empty() and not character.is_empty():
			found.append_array([character.source.get_base_dir(), character.source])
	return found
