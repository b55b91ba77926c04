@tool
extends AcceptDialog
## The setup page of the bridge: finds the Python environment that it runs in, or makes one. Nothing else needs it.

const BridgeConnections := preload("../sources/bridge/bridge_connections.gd")
const EnvironmentCreation := preload("environment_creation.gd")
const OpenCharacters := preload("open_characters.gd")
const PythonCheck := preload("python_check.gd")
const PythonSearch := preload("python_search.gd")
const Settings := preload("../settings.gd")

const _PROJECT_FILE := "pyproject.toml"
const _PROJECT_NAME := 'name = "anime-character"'

var _tree := Tree.new()
var _use := Button.new()
var _search := Button.new()
var _pythons := OptionButton.new()
var _folder := LineEdit.new()
var _package := LineEdit.new()
var _create := Button.new()
var _cancel := Button.new()
var _status := Label.new()
var _log := RichTextLabel.new()
var _dialog: EditorFileDialog
var _checks: Array[PythonCheck] = []
var _creation: EnvironmentCreation
var _chosen_python := ""


func _init() -> void:
	title = "Anime Character Setup"
	ok_button_text = "Close"
	var column := VBoxContainer.new()
	var what := Label.new()
	what.text = "For a bridge only. Characters move in Godot, and in the exported game, without any of this."
	column.add_child(what)
	_add_search(column)
	_add_creation(column)
	add_child(column)


func _exit_tree() -> void:
	for check in _checks:
		check.stop()
	if _creation:
		_creation.stop()


## Shows the page, and looks.
func open() -> void:
	if _folder.text.is_empty():
		_folder.text = ProjectSettings.globalize_path("res://").path_join(PythonSearch.ENVIRONMENT)
		var here: Script = get_script()
		_package.text = checkout_around(ProjectSettings.globalize_path(here.resource_path.get_base_dir()))
	popup_centered(Vector2i(Vector2(860, 680) * EditorInterface.get_editor_scale()))
	look()


## Tries everything that may be a bridge.
func look() -> void:
	for check in _checks:
		check.stop()
	_checks.clear()
	for candidate in PythonSearch.candidates():
		var check := PythonCheck.new(candidate)
		_checks.append(check)
		check.done.connect(_show_checks)
	for check in _checks.duplicate() as Array[PythonCheck]:
		check.start()
	_show_checks()


## The folder at or above [param folder] that holds the sources of the bridge, or an empty text.
static func checkout_around(folder: String) -> String:
	var above := folder
	while not above.is_empty():
		var path := above.path_join(_PROJECT_FILE)
		if FileAccess.file_exists(path) and _PROJECT_NAME in FileAccess.get_file_as_string(path):
			return above
		if above.get_base_dir() == above:
			return ""
		above = above.get_base_dir()
	return ""


func _add_search(column: VBoxContainer) -> void:
	column.add_child(_heading("1. Use a Python that has the bridge"))
	_tree.columns = 3
	_tree.hide_root = true
	_tree.column_titles_visible = true
	for index in 3:
		_tree.set_column_title(index, (["Where", "Command", "Found"] as PackedStringArray)[index])
		_tree.set_column_title_alignment(index, HORIZONTAL_ALIGNMENT_LEFT)
		_tree.set_column_expand_ratio(index, [2, 6, 6][index])
		_tree.set_column_clip_content(index, true)
	_tree.size_flags_vertical = Control.SIZE_EXPAND_FILL
	_tree.item_selected.connect(_refresh_buttons)
	_tree.nothing_selected.connect(_refresh_buttons)
	column.add_child(_tree)
	var buttons := HBoxContainer.new()
	_use.text = "Use Selected"
	_use.tooltip_text = "Writes it to Project Settings > %s." % Settings.COMMAND
	_use.pressed.connect(_on_use_pressed)
	_search.text = "Look Again"
	_search.pressed.connect(look)
	buttons.add_child(_use)
	buttons.add_child(_search)
	column.add_child(buttons)


func _add_creation(column: VBoxContainer) -> void:
	column.add_child(_heading("2. Or make an environment for it"))
	var grid := GridContainer.new()
	grid.columns = 2
	_pythons.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_pythons.clip_text = true
	_pythons.item_selected.connect(func(item: int) -> void: _chosen_python = _pythons.get_item_text(item))
	_add_field(grid, "Python", _pythons)
	_add_field(grid, "Environment", _with_browser(_folder, "Environment", false))
	_package.placeholder_text = "Folder of the anime-character project, or a wheel"
	_package.tooltip_text = (
		"What pip installs: a folder, a wheel or a name. With [torch] after it, characters in the official form (.pt) are"
		+ " read, too."
	)
	_add_field(grid, "Package", _with_browser(_package, "Package", true))
	column.add_child(grid)
	var buttons := HBoxContainer.new()
	_create.text = "Create and Use"
	_create.pressed.connect(_on_create_pressed)
	_cancel.text = "Cancel"
	_cancel.pressed.connect(_on_cancel_pressed)
	_status.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	_status.autowrap_mode = TextServer.AUTOWRAP_WORD_SMART
	for part: Control in [_create, _cancel, _status]:
		buttons.add_child(part)
	column.add_child(buttons)
	_log.scroll_following = true
	_log.selection_enabled = true
	_log.custom_minimum_size.y = 130 * EditorInterface.get_editor_scale()
	column.add_child(_log)


func _heading(text: String) -> Label:
	var label := Label.new()
	label.text = text
	label.theme_type_variation = &"HeaderSmall"
	return label


func _add_field(grid: GridContainer, text: String, field: Control) -> void:
	var label := Label.new()
	label.text = text
	field.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	grid.add_child(label)
	grid.add_child(field)


func _with_browser(field: LineEdit, what: String, takes_files: bool) -> Control:
	var row := HBoxContainer.new()
	field.size_flags_horizontal = Control.SIZE_EXPAND_FILL
	row.add_child(field)
	var button := Button.new()
	button.text = "..."
	button.tooltip_text = "Choose a file or a folder." if takes_files else "Choose a folder."
	button.pressed.connect(_browse.bind(field, what, takes_files))
	row.add_child(button)
	return row


func _browse(field: LineEdit, what: String, takes_files: bool) -> void:
	if _dialog:
		_dialog.queue_free()
	_dialog = EditorFileDialog.new()
	_dialog.access = EditorFileDialog.ACCESS_FILESYSTEM
	_dialog.file_mode = (EditorFileDialog.FILE_MODE_OPEN_ANY if takes_files else EditorFileDialog.FILE_MODE_OPEN_DIR)
	_dialog.title = what
	_dialog.current_dir = field.text.get_base_dir()
	_dialog.file_selected.connect(field.set_text)
	_dialog.dir_selected.connect(field.set_text)
	add_child(_dialog)
	_dialog.popup_file_dialog()


func _show_checks() -> void:
	_tree.clear()
	var root := _tree.create_item()
	var pythons := PackedStringArray()
	for check in _checks:
		var item := _tree.create_item(root)
		var command := " ".join(check.candidate.command)
		for text: Array in [[0, check.candidate.origin], [1, command], [2, check.sentence]]:
			item.set_text(text[0], text[1])
			item.set_tooltip_text(text[0], text[1])
			item.set_autowrap_mode(text[0], TextServer.AUTOWRAP_WORD_SMART)
		item.set_metadata(0, check)
		if check.works:
			item.set_custom_color(2, get_theme_color("success_color", "Editor"))
		if check.is_new_enough() and check.candidate.python not in pythons:
			pythons.append(check.candidate.python)
	if _checks.is_empty():
		_tree.create_item(root).set_text(2, PythonCheck.NO_PYTHON)
	_show_pythons(pythons)
	_refresh_buttons()


func _show_pythons(pythons: PackedStringArray) -> void:
	_pythons.clear()
	for python in pythons:
		_pythons.add_item(python)
	# A choice lasts, though the list is empty for a while.
	if _chosen_python in pythons:
		_pythons.select(pythons.find(_chosen_python))


func _refresh_buttons() -> void:
	var check := _selected()
	_use.disabled = check == null or not check.works
	_create.disabled = _creation != null
	_cancel.disabled = _creation == null


func _selected() -> PythonCheck:
	var item := _tree.get_selected()
	return item.get_metadata(0) if item else null


func _on_use_pressed() -> void:
	_adopt(_selected().candidate.command)


func _adopt(command: PackedStringArray) -> void:
	Settings.set_command(command)
	BridgeConnections.forget_failures()
	for node in OpenCharacters.nodes():
		if not node._get_configuration_warnings().is_empty():
			node.reload()
	_say("The bridge is started with %s from now on." % " ".join(Settings.command()), "success_color")
	look()


func _on_create_pressed() -> void:
	_chosen_python = _pythons.get_item_text(_pythons.selected) if _pythons.selected >= 0 else ""
	_log.clear()
	_say("This may take a minute ...", "font_color")
	_creation = EnvironmentCreation.new(_chosen_python, _folder.text.strip_edges(), _package.text.strip_edges())
	_creation.printed.connect(_log.add_text)
	_creation.done.connect(_on_created)
	_refresh_buttons()
	_creation.start()


func _on_cancel_pressed() -> void:
	_creation.cancel()


func _on_created() -> void:
	var creation := _creation
	_creation = null
	if creation.failure.is_empty():
		_adopt(creation.command)
	else:
		_say(creation.failure, "error_color")
		_refresh_buttons()


func _say(text: String, color: String) -> void:
	_status.text = text
	_status.add_theme_color_override("font_color", get_theme_color(color, "Editor"))
