@tool
extends RefCounted
## The characters of the scene that is open in the editor.

const RestingPicture := preload("../resting_picture.gd")


## The nodes, from the scene's root down.
static func nodes() -> Array[AnimatedAnimeCharacter]:
	var found: Array[AnimatedAnimeCharacter] = []
	var root := EditorInterface.get_edited_scene_root()
	if root == null:
		return found
	for node: Node in [root] + root.find_children("*", "Node2D", true, false):
		if node is AnimatedAnimeCharacter:
			found.append(node)
	return found


## Where their files may lie, as absolute paths: the folder of each file, and the file's own path, which is a folder for
## a character directory.
static func folders() -> PackedStringArray:
	var found := PackedStringArray()
	for node in nodes():
		if not node.character.is_empty():
			var path := RestingPicture.absolute_path(node.character)
			found.append_array([path.get_base_dir(), path])
	return found


## Shows what has been mended since: characters without a picture whose file can be read now.
static func read_mended_files() -> void:
	for node in nodes():
		var is_broken := node.get_image() == null and not node.character.is_empty()
		if is_broken and RestingPicture.new(RestingPicture.absolute_path(node.character)).image:
			node.reload()
