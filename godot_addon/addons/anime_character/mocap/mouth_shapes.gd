@tool
extends RefCounted
## How much of aaa, iii, uuu and ooo an open mouth shows: the mix of four vowels that comes nearest to a tracked mouth.
##
## A mouth is four numbers: how far the jaw and the lower lip are down, funnel, pucker. Wanted are the shares d, each
## from 0 to 1, that minimise [code]|d0 aaa + d1 iii + d2 uuu + d3 ooo - mouth| + 0.01 (d0 + d1 + d2 + d3)[/code], with
## the Euclidean norm. The problem is convex. On each of its faces (every share at 0, at 1 or free) the minimum is known
## in closed form, and the face whose minimum fulfils the conditions of Karush, Kuhn and Tucker has the answer. Faces
## are looked through from the one that had it last, so that a mouth that moves little costs little.

const _VOWELS := 4
# aaa, iii, uuu and ooo as mouths, one after the other.
const _SHAPES: PackedFloat64Array = [1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.5, 0.3, 0.25, 0.75, 1.0, 0.5, 0.5, 0.4]
const _PENALTY := 0.01
const _TOLERANCE := 1e-9
# Each share of a face is at 0, at 1 or free: a number of four ternary digits.
const _FREE := 2
const _FACES := 81


# Some of the shares are free: what the minimum needs to know of their shapes A (as columns).
class _Free:
	extends RefCounted
	# Which they are.
	var shares := PackedInt32Array()
	# (A^T A)^-1, row by row.
	var inverse := PackedFloat64Array()
	# (A^T A)^-1 c, where c is the penalty's gradient, and c^T (A^T A)^-1 c.
	var step := PackedFloat64Array()
	var steepness := 0.0


# For each set of free shares, a number of four bits.
var _sets: Array[_Free] = []
var _last_face := 0


func _init() -> void:
	for bits in 1 << _VOWELS:
		_sets.append(_prepare(bits))


## The shares of aaa, iii, uuu and ooo, each from 0 to 1, for a mouth of four finite numbers.
func find(mouth: PackedFloat64Array) -> PackedFloat64Array:
	for number in _FACES + 1:
		# The last answer's face first, then the one with all shares free, then the others.
		var face := _FACES - number if number > 0 else _last_face
		var shares := _minimum_on(face, mouth)
		if not shares.is_empty() and _is_answer(face, shares, mouth):
			_last_face = face
			for share in _VOWELS:
				shares[share] = clampf(shares[share], 0.0, 1.0)
			return shares
	return _nearest(mouth)


# The minimum on a face, without regard to the other faces; empty when it lies outside or there is none.
func _minimum_on(face: int, mouth: PackedFloat64Array) -> PackedFloat64Array:
	var shares := PackedFloat64Array([0.0, 0.0, 0.0, 0.0])
	var rest := mouth.duplicate()
	var bits := 0
	var digits := face
	for share in _VOWELS:
		var digit := digits % 3
		digits /= 3
		if digit == _FREE:
			bits |= 1 << share
		elif digit == 1:
			shares[share] = 1.0
			_subtract(rest, share, 1.0)
	var free := _sets[bits]
	if free.steepness >= 1.0:
		return []
	var found := _least_squares(free, rest)
	var left := rest.duplicate()
	for place in free.shares.size():
		_subtract(left, free.shares[place], found[place])
	# With the distance r that no mix of the free shapes can close, minimising sqrt(r^2 + y^T A^T A y) + c^T y.
	var distance := _length(left) if bits != (1 << _VOWELS) - 1 else 0.0
	var back := distance / sqrt(1.0 - free.steepness)
	for place in free.shares.size():
		var share := found[place] - back * free.step[place]
		if share < -_TOLERANCE or share > 1.0 + _TOLERANCE:
			return []
		shares[free.shares[place]] = share
	return shares


# Whether no share that is at 0 or 1 would better leave it.
func _is_answer(face: int, shares: PackedFloat64Array, mouth: PackedFloat64Array) -> bool:
	var left := mouth.duplicate()
	for share in _VOWELS:
		_subtract(left, share, shares[share])
	var distance := _length(left)
	if distance < _TOLERANCE:
		return true
	var digits := face
	for share in _VOWELS:
		var digit := digits % 3
		digits /= 3
		var slope := _PENALTY
		for row in _VOWELS:
			slope -= _SHAPES[share * _VOWELS + row] * left[row] / distance
		if digit == 0 and slope < -_TOLERANCE or digit == 1 and slope > _TOLERANCE:
			return false
	return true


# For when rounding has hidden the answer: the best of all faces.
func _nearest(mouth: PackedFloat64Array) -> PackedFloat64Array:
	var best := PackedFloat64Array([0.0, 0.0, 0.0, 0.0])
	var least := INF
	for face in _FACES:
		var shares := _minimum_on(face, mouth)
		if shares.is_empty():
			continue
		var left := mouth.duplicate()
		var cost := 0.0
		for share in _VOWELS:
			_subtract(left, share, shares[share])
			cost += _PENALTY * shares[share]
		cost += _length(left)
		if cost < least:
			least = cost
			best = shares
	for share in _VOWELS:
		best[share] = clampf(best[share], 0.0, 1.0)
	return best


static func _least_squares(free: _Free, rest: PackedFloat64Array) -> PackedFloat64Array:
	var count := free.shares.size()
	var products := PackedFloat64Array()
	for place in count:
		var product := 0.0
		for row in _VOWELS:
			product += _SHAPES[free.shares[place] * _VOWELS + row] * rest[row]
		products.append(product)
	var found := PackedFloat64Array()
	for place in count:
		var sum := 0.0
		for other in count:
			sum += free.inverse[place * count + other] * products[other]
		found.append(sum)
	return found


static func _subtract(rest: PackedFloat64Array, share: int, amount: float) -> void:
	for row in _VOWELS:
		rest[row] -= amount * _SHAPES[share * _VOWELS + row]


static func _length(numbers: PackedFloat64Array) -> float:
	var squares := 0.0
	for number in numbers:
		squares += number * number
	return sqrt(squares)


static func _prepare(bits: int) -> _Free:
	var free := _Free.new()
	for share in _VOWELS:
		if bits & (1 << share):
			free.shares.append(share)
	var count := free.shares.size()
	var gram := PackedFloat64Array()
	for one in count:
		for other in count:
			var product := 0.0
			for row in _VOWELS:
				product += _SHAPES[free.shares[one] * _VOWELS + row] * _SHAPES[free.shares[other] * _VOWELS + row]
			gram.append(product)
	free.inverse = _invert(gram, count)
	for place in count:
		var sum := 0.0
		for other in count:
			sum += free.inverse[place * count + other] * _PENALTY
		free.step.append(sum)
		free.steepness += sum * _PENALTY
	return free


# Gauss and Jordan; the matrix is symmetric and positive definite, so no rows need to be exchanged.
static func _invert(matrix: PackedFloat64Array, count: int) -> PackedFloat64Array:
	var left := matrix.duplicate()
	var right := PackedFloat64Array()
	right.resize(count * count)
	for place in count:
		right[place * count + place] = 1.0
	for pivot in count:
		var factor := 1.0 / left[pivot * count + pivot]
		for column in count:
			left[pivot * count + column] *= factor
			right[pivot * count + column] *= factor
		for row in count:
			var share := left[row * count + pivot]
			if row == pivot:
				continue
			for column in count:
				left[row * count + column] -= share * left[pivot * count + column]
				right[row * count + column] -= share * right[pivot * count + column]
	return right
