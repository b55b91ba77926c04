@tool
extends "probe.gd"
## Leaves the scene open for a while in which the editor draws it again and again.

const FRAMES := 20


func play() -> void:
	var is_open := func() -> bool:
		var root := EditorInterface.get_edited_scene_root()
		return root != null and root.scene_file_path == option("scene")
	await until(is_open, "a scene")
	tell("open", EditorInterface.get_edited_scene_root().name)
	for _frame in FRAMES:
		RenderingServer.force_draw()
		await frames(1)
