extends RefCounted
## Going from one scene to another without a pause of the bridge.
##
## A bridge that a node has started ends with the last node that uses it. SceneTree.change_scene_to_file takes the old
## scene away before the new one comes, so that the bridge would end and begin anew. Here the new one comes first.


## Opens a scene file in place of the present scene.
static func open(tree: SceneTree, path: String) -> void:
	open_node(tree, (load(path) as PackedScene).instantiate())


## Puts a scene that has been made in place of the present one.
static func open_node(tree: SceneTree, scene: Node) -> void:
	var old := tree.current_scene
	tree.root.add_child(scene)
	tree.current_scene = scene
	if old:
		old.queue_free()
