package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path"

	"github.com/klauspost/compress/zstd"
)

// What an image is to look like. The same seed always makes the same bytes.
type shape struct {
	name string
	seed uint64
	// The share of the files in each layer.
	layers []float64
	files  int
	zstd   bool
}

// A layer in a file, as a registry takes it.
type layer struct {
	file              string
	mediaType         string
	digest, diffID    string
	size, archiveSize int64
}

// One program, for the first container: an ELF file for x86-64 that calls pause(2) for ever.
var program = append([]byte{
	0x7f, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	2, 0, 62, 0, 1, 0, 0, 0, 0x78, 0, 0x40, 0, 0, 0, 0, 0, // executable, x86-64, entry 0x400078
	64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
	0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0,
	1, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // one segment to load, readable and executable
	0, 0, 0x40, 0, 0, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0,
	0x81, 0, 0, 0, 0, 0, 0, 0, 0x81, 0, 0, 0, 0, 0, 0, 0,
	0, 0x10, 0, 0, 0, 0, 0, 0,
}, 0xb8, 34, 0, 0, 0, 0x0f, 0x05, 0xeb, 0xf7)

// Files of real trees: many small ones, few large ones; text, code, and some that is compressed already.
const (
	medianBytes = 4200
	spread      = 1.75
	mostBytes   = 24 << 20
)

type generator struct {
	random *rand.Rand
	words  [][]byte
	zipf   *rand.Zipf
	block  []byte
}

func newGenerator(seed uint64) *generator {
	random := rand.New(rand.NewPCG(seed, 1))
	g := &generator{random: random, zipf: rand.NewZipf(random, 1.2, 6, 19999), block: make([]byte, 1<<16)}
	for range 20000 {
		word := make([]byte, 2+random.IntN(9))
		for i := range word {
			word[i] = "etaoinshrdlcumwfgypbvk_xjqz"[min(26, int(random.ExpFloat64()*7))]
		}
		g.words = append(g.words, append(word, " \n(.,;=/"[min(7, int(random.ExpFloat64()*1.2))]))
	}
	return g
}

func (g *generator) fileSize() int64 {
	return min(mostBytes, int64(medianBytes*math.Exp(g.random.NormFloat64()*spread)))
}

// fill makes the next bytes of a file of some kind.
func (g *generator) fill(kind int, block []byte) {
	switch {
	case kind < 70: // text
		for n := 0; n < len(block); {
			n += copy(block[n:], g.words[g.zipf.Uint64()])
		}
	case kind < 96: // code: short records, some bytes of which hardly vary
		for n := 0; n+8 <= len(block); n += 8 {
			v := g.random.Uint64()
			record := [8]byte{0x48, byte(0x80 + v%16), byte(v >> 8), byte(v >> 16 & 7), 0, byte(v >> 24 & 3), byte(v >> 32 & 31), 0xe8}
			copy(block[n:], record[:])
		}
	default: // compressed already
		for n := 0; n+8 <= len(block); n += 8 {
			v := g.random.Uint64()
			for i := range 8 {
				block[n+i] = byte(v >> (8 * i))
			}
		}
	}
}

func (g *generator) files(archive *tar.Writer, prefix string, count int) error {
	dir := ""
	for i := range count {
		if i%11 == 0 {
			dir = path.Join(prefix, fmt.Sprintf("pkg-%02d", i/11%40), fmt.Sprintf("part-%03d", i/11))
			header := &tar.Header{Name: dir + "/", Typeflag: tar.TypeDir, Mode: 0o755}
			if err := archive.WriteHeader(header); err != nil {
				return err
			}
		}
		size := g.fileSize()
		header := &tar.Header{Name: path.Join(dir, fmt.Sprintf("file-%05d.dat", i)), Typeflag: tar.TypeReg,
			Mode: 0o644, Size: size}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		kind := g.random.IntN(100)
		for left := size; left > 0; {
			block := g.block[:min(left, int64(len(g.block)))]
			g.fill(kind, block)
			if _, err := archive.Write(block); err != nil {
				return err
			}
			left -= int64(len(block))
		}
	}
	return nil
}

type counted struct {
	out   io.Writer
	hash  hash.Hash
	bytes int64
}

func count(out io.Writer) *counted { return &counted{out: out, hash: sha256.New()} }

func (c *counted) Write(b []byte) (int, error) {
	c.hash.Write(b)
	c.bytes += int64(len(b))
	return c.out.Write(b)
}

func (c *counted) digest() string { return "sha256:" + hex.EncodeToString(c.hash.Sum(nil)) }

// generate writes the layers of an image into a folder.
func (s shape) generate(folder string) ([]layer, error) {
	var layers []layer
	for i, share := range s.layers {
		made, err := s.layer(folder, i, max(1, int(share*float64(s.files))))
		if err != nil {
			return nil, err
		}
		layers = append(layers, made)
	}
	return layers, nil
}

func (s shape) layer(folder string, index, files int) (layer, error) {
	made := layer{file: path.Join(folder, fmt.Sprintf("%s-%d", s.name, index))}
	out, err := os.Create(made.file)
	if err != nil {
		return made, err
	}
	defer out.Close()
	compressed := count(out)
	var packer io.WriteCloser = gzip.NewWriter(compressed)
	made.mediaType = "application/vnd.oci.image.layer.v1.tar+gzip"
	if s.zstd {
		made.mediaType = "application/vnd.oci.image.layer.v1.tar+zstd"
		if packer, err = zstd.NewWriter(compressed, zstd.WithEncoderConcurrency(1)); err != nil {
			return made, err
		}
	}
	raw := count(packer)
	buffered := bufio.NewWriterSize(raw, 1<<20)
	archive := tar.NewWriter(buffered)
	if index == 0 {
		if err := base(archive); err != nil {
			return made, err
		}
	}
	generator := newGenerator(s.seed + uint64(index))
	if err := generator.files(archive, fmt.Sprintf("usr/lib/layer-%d", index), files); err != nil {
		return made, err
	}
	for _, end := range []func() error{archive.Close, buffered.Flush, packer.Close, out.Sync} {
		if err := end(); err != nil {
			return made, err
		}
	}
	made.digest, made.size = compressed.digest(), compressed.bytes
	made.diffID, made.archiveSize = raw.digest(), raw.bytes
	return made, nil
}

// base makes what a container needs to start.
func base(archive *tar.Writer) error {
	for _, dir := range []string{"dev", "etc", "proc", "sys", "tmp", "usr", "usr/lib"} {
		if err := archive.WriteHeader(&tar.Header{Name: dir + "/", Typeflag: tar.TypeDir, Mode: 0o755}); err != nil {
			return err
		}
	}
	header := &tar.Header{Name: "wait", Typeflag: tar.TypeReg, Mode: 0o755, Size: int64(len(program))}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	_, err := archive.Write(program)
	return err
}
