package main

/*
#include <stdint.h>
#include <string.h>

typedef struct {
	uint8_t there;     // 1 if there is an entry; otherwise the other fields have no meaning
	uint8_t key_len;
	uint8_t value_len;
	char key[32];
	uint8_t value[16];
} cache_entry;
*/
import "C"

import (
	"runtime/cgo"
	"unsafe"
)

//export cache_open
func cache_open(capacity C.uint64_t) C.uintptr_t {
	c, err := newCache(uint64(capacity))
	if err != nil {
		panic(err)
	}
	return C.uintptr_t(cgo.NewHandle(c))
}

//export cache_drop
func cache_drop(handle C.uintptr_t) { cgo.Handle(handle).Delete() }

//export cache_state
func cache_state(handle C.uintptr_t, out *C.cache_entry) C.uint64_t {
	state := at(handle).State()
	room := unsafe.Slice(out, len(state))
	for i, entry := range state {
		write(&room[i], entry.Key, entry.Value)
	}
	return C.uint64_t(len(state))
}

//export cache_put
func cache_put(handle C.uintptr_t, key *C.char, keyLen C.int, value *C.char, valueLen C.int, out *C.cache_entry) {
	pushed, _ := at(handle).Put(C.GoStringN(key, keyLen), C.GoBytes(unsafe.Pointer(value), valueLen))
	out.there = 0
	if pushed != nil {
		write(out, pushed.Key, pushed.Value)
	}
}

//export cache_get
func cache_get(handle C.uintptr_t, key *C.char, keyLen C.int, out *C.cache_entry) {
	value, err := at(handle).Get(C.GoStringN(key, keyLen))
	out.there = 0
	if err == nil {
		write(out, "", value)
	}
}

//export cache_peek
func cache_peek(handle C.uintptr_t, key *C.char, keyLen C.int, out *C.cache_entry) {
	value, err := at(handle).Peek(C.GoStringN(key, keyLen))
	out.there = 0
	if err == nil {
		write(out, "", value)
	}
}

//export cache_remove
func cache_remove(handle C.uintptr_t, key *C.char, keyLen C.int) C.int {
	was, _ := at(handle).Remove(C.GoStringN(key, keyLen))
	if was {
		return 1
	}
	return 0
}

//export cache_resize
func cache_resize(handle C.uintptr_t, capacity C.uint64_t) C.uint64_t {
	pushed, _ := at(handle).Resize(uint64(capacity))
	return C.uint64_t(pushed)
}

//export cache_walk
func cache_walk(handle C.uintptr_t) C.uintptr_t {
	walk, _ := at(handle).Walk()
	return C.uintptr_t(cgo.NewHandle(walk))
}

//export cache_advance
func cache_advance(handle, walk C.uintptr_t, out *C.cache_entry) {
	entry, _ := at(handle).Advance(cgo.Handle(walk).Value().(*cursor))
	out.there = 0
	if entry != nil {
		write(out, entry.Key, entry.Value)
	}
}

//export cache_finish
func cache_finish(handle, walk C.uintptr_t) C.uint64_t {
	left, _ := at(handle).Finish(cgo.Handle(walk).Value().(*cursor))
	cgo.Handle(walk).Delete()
	return C.uint64_t(left)
}

func at(handle C.uintptr_t) *cache { return cgo.Handle(handle).Value().(*cache) }

func write(e *C.cache_entry, key string, value []byte) {
	e.there = 1
	e.key_len, e.value_len = C.uint8_t(len(key)), C.uint8_t(len(value))
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&e.key[0])), len(e.key)), key)
	copy(unsafe.Slice((*byte)(&e.value[0]), len(e.value)), value)
}
