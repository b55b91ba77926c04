@tool
extends RefCounted
## The expressions that the addon ships: the .tres files in its folder [code]expressions[/code], by file name.

static var _poses: Dictionary[StringName, AnimePose] = {}


## All of them by name. Read only.
static func poses() -> Dictionary[StringName, AnimePose]:
	if _poses.is_empty():
		var folder := _folder()
		for file in ResourceLoader.list_directory(folder):
			if file.get_extension() == "tres":
				_poses[StringName(file.get_basename())] = load(folder.path_join(file))
	return _poses


static func _folder() -> String:
	var script: GDScript = AnimePose
	return script.resource_path.get_base_dir().path_join("../expressions").simplify_path()
