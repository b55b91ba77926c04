@tool
extends RefCounted
## Named float32 tensors in the bytes of a safetensors file, which are not trusted: every place and size is checked
## before it is used. The file is the size of its head (64 bits), the head (JSON), the numbers.

## The longest head that is read; a character's has 2 KB.
const MAX_HEAD := 64 << 10
const _NUMBER_SIZE := 4
const _MAX_DIMENSIONS := 4
const _NO_FILE := "is not a safetensors file, or is damaged"

const Utf8 := preload("../wire/utf8.gd")


## One tensor.
class Tensor:
	extends RefCounted
	## Its dimensions, from the outermost.
	var shape := PackedInt32Array()
	## Its numbers, all of them finite, the last dimension's neighbours beside each other.
	var values := PackedFloat32Array()


## The tensors by name; empty when something is wrong.
var tensors: Dictionary[String, Tensor] = {}
## What is wrong, as "is ..." or "has ...", to be put after the file's name; empty when nothing is.
var error := ""


func _init(bytes: PackedByteArray) -> void:
	var head := _read_head(bytes)
	var data := bytes.slice(8 + bytes.decode_s64(0)) if error.is_empty() else PackedByteArray()
	var left := data.size()
	for name: String in head:
		if error.is_empty():
			left -= _NUMBER_SIZE * _read_tensor(name, head[name], data)
	if error.is_empty() and left != 0:
		error = _NO_FILE
	if not error.is_empty():
		tensors.clear()


func _read_head(bytes: PackedByteArray) -> Dictionary:
	var size := bytes.decode_s64(0) if bytes.size() >= 8 else 0
	if size < 2 or size > bytes.size() - 8:
		error = _NO_FILE
		return {}
	if size > MAX_HEAD:
		error = "has a head of %d bytes, but no character's is longer than %d KiB" % [size, MAX_HEAD >> 10]
		return {}
	var text := bytes.slice(8, 8 + size)
	var json := JSON.new()
	if not Utf8.flaw(text).is_empty() or json.parse(text.get_string_from_utf8()) != OK or not json.data is Dictionary:
		error = _NO_FILE
		return {}
	var head: Dictionary = json.data
	head.erase("__metadata__")
	return head


# Takes the tensor that an entry of the head describes; how many numbers it has.
func _read_tensor(name: String, entry: Variant, data: PackedByteArray) -> int:
	var fields: Dictionary = entry if entry is Dictionary else {}
	var shape := _whole_numbers(fields.get("shape"), data.size())
	var place := _whole_numbers(fields.get("data_offsets"), data.size())
	var count := 1
	for size in shape:
		# In 64 bits, and never above what was checked before: it cannot overflow.
		count = mini(count * size, data.size() + 1)
	if shape.is_empty() or place.size() != 2 or place[1] - place[0] != _NUMBER_SIZE * count:
		error = _NO_FILE
		return 0
	if fields.get("dtype") is not String or fields["dtype"] != "F32":
		error = 'has a tensor "%s" of another type than float32' % name.left(80)
		return 0
	var tensor := Tensor.new()
	tensor.shape = shape
	tensor.values = data.slice(place[0], place[1]).to_float32_array()
	if not _are_finite(tensor.values):
		error = 'has NaN or infinity in its tensor "%s"; the training that made it failed' % name.left(80)
	tensors[name] = tensor
	return count


# One to four whole numbers from 0 to a greatest one; empty when it is anything else.
static func _whole_numbers(value: Variant, most: int) -> PackedInt32Array:
	var numbers := PackedInt32Array()
	if not value is Array or (value as Array).size() > _MAX_DIMENSIONS:
		return numbers
	for number: Variant in value:
		if not number is float or number != floorf(number) or number < 0.0 or number > most:
			return PackedInt32Array()
		numbers.append(int(number))
	return numbers


static func _are_finite(values: PackedFloat32Array) -> bool:
	# Nothing times zero is zero, but for what is no number, which stays in the sum.
	var sum := 0.0
	for value in values:
		sum += value * 0.0
	return sum == 0.0
