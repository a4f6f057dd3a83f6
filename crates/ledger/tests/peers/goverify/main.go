// Goverify checks a C2SP tile log with Go's golang.org/x/mod/sumdb packages and nothing of ours.
//
// Usage: goverify all|sample LOGDIR VKEY
//
// It prints "ok <origin> <size>" or, for the first fault, "fault <path or place>: <reason>".
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// tiles reads hash tiles of a log directory; C2SP paths leave out the tile height.
type tiles struct{ root string }

func (t tiles) Height() int { return 8 }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var out [][]byte
	for _, tile := range wanted {
		path := filepath.Join(t.root, "tile", strings.TrimPrefix(tile.Path(), "tile/8/"))
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		out = append(out, data)
	}
	return out, nil
}

func fail(place string, reason any) {
	fmt.Printf("fault %s: %v\n", place, reason)
	os.Exit(1)
}

// bundle returns the entries of bundle n in a tree of the given size.
func bundle(root string, n, size int64) (string, [][]byte) {
	width := int64(256)
	if size-n*256 < width {
		width = size - n*256
	}
	tile := tlog.Tile{H: 8, L: -1, N: n, W: int(width)}
	path := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		fail(path, err)
	}
	var entries [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(data[0])<<8+int(data[1]) {
			fail(path, "cut short")
		}
		length := int(data[0])<<8 + int(data[1])
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if int64(len(entries)) != width {
		fail(path, "wrong number of entries")
	}
	return path, entries
}

func main() {
	mode, root, vkey := os.Args[1], os.Args[2], os.Args[3]
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		fail("vkey", err)
	}
	data, err := os.ReadFile(filepath.Join(root, "checkpoint"))
	if err != nil {
		fail("checkpoint", err)
	}
	signed, err := note.Open(data, note.VerifierList(verifier))
	if err != nil {
		fail("checkpoint", err)
	}
	lines := strings.Split(signed.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		fail("checkpoint", err)
	}
	head, err := tlog.ParseHash(lines[2])
	if err != nil {
		fail("checkpoint", err)
	}
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: head}, tiles{root})
	if mode == "all" {
		everyEntry(root, size, reader)
	}
	for j := int64(0); j < 500 && size > 0; j++ {
		inclusion(root, (j*7919*104729)%size, size, head, reader)
	}
	for _, old := range []int64{1, 255, 256, 257, size / 3, size/2 + 123, size} {
		if old >= 1 && old <= size {
			consistency(old, size, head, reader)
		}
	}
	fmt.Println("ok", lines[0], size)
}

// everyEntry compares the hash of each entry with the authenticated leaf hash.
func everyEntry(root string, size int64, reader tlog.HashReader) {
	for n := int64(0); n*256 < size; n++ {
		path, entries := bundle(root, n, size)
		indexes := make([]int64, len(entries))
		for i := range entries {
			indexes[i] = tlog.StoredHashIndex(0, n*256+int64(i))
		}
		leaves, err := reader.ReadHashes(indexes)
		if err != nil {
			fail("tile", err)
		}
		for i, entry := range entries {
			if tlog.RecordHash(entry) != leaves[i] {
				fail(path, fmt.Sprintf("entry %d", n*256+int64(i)))
			}
		}
	}
}

func inclusion(root string, index, size int64, head tlog.Hash, reader tlog.HashReader) {
	proof, err := tlog.ProveRecord(size, index, reader)
	if err != nil {
		fail("tile", err)
	}
	path, entries := bundle(root, index/256, size)
	leaf := tlog.RecordHash(entries[index%256])
	if err := tlog.CheckRecord(proof, size, head, index, leaf); err != nil {
		fail(path, fmt.Sprintf("entry %d", index))
	}
}

func consistency(old, size int64, head tlog.Hash, reader tlog.HashReader) {
	root, err := tlog.TreeHash(old, reader)
	if err != nil {
		fail("tile", err)
	}
	proof, err := tlog.ProveTree(size, old, reader)
	if err != nil {
		fail("tile", err)
	}
	if err := tlog.CheckTree(proof, size, head, old, root); err != nil {
		fail("consistency", err)
	}
}
