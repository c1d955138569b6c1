package web

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
)

const assetPrefix = "/s/"

// Assets are the style sheets, scripts, pictures and sounds that the program
// serves from itself. Each name carries a hash of its content, so a browser
// may keep it and still never shows an old one; but see Brief.
type Assets struct {
	urls  map[string]string // "desk.css" → "/s/desk.1a2b3c4d.css"
	files map[string]asset  // by the last part of the URL
}

type asset struct {
	body  []byte
	kind  string
	brief bool // no browser keeps it
}

// NewAssets reads every file of the file systems. Names must differ.
func NewAssets(from ...fs.FS) (*Assets, error) {
	a := &Assets{urls: map[string]string{}, files: map[string]asset{}}
	for _, fsys := range from {
		err := fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			return a.add(fsys, p)
		})
		if err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Assets) add(fsys fs.FS, p string) error {
	body, err := fs.ReadFile(fsys, p)
	if err != nil {
		return err
	}
	name := path.Base(p)
	if a.urls[name] != "" {
		return fmt.Errorf("web: two assets are called %s", name)
	}
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	hashed := strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:4]) + ext
	kind := mime.TypeByExtension(ext)
	if kind == "" {
		kind = "application/octet-stream"
	}
	a.urls[name] = assetPrefix + hashed
	a.files[hashed] = asset{body: body, kind: kind}
	return nil
}

// Brief takes care that no browser keeps the files of a file system that is
// among those of a. On a watched phone even a style sheet in the cache says
// where somebody was.
func (a *Assets) Brief(fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name := strings.TrimPrefix(a.urls[path.Base(p)], assetPrefix)
		f, ok := a.files[name]
		if !ok {
			return fmt.Errorf("web: %s is no asset", path.Base(p))
		}
		f.brief = true
		a.files[name] = f
		return nil
	})
}

// URL is where a page finds the asset. An unknown name is a mistake in a
// template, found when the templates are parsed in a test.
func (a *Assets) URL(name string) (string, error) {
	if u := a.urls[name]; u != "" {
		return u, nil
	}
	return "", fmt.Errorf("web: no asset is called %q", name)
}

func (a *Assets) serve(w http.ResponseWriter, r *http.Request) error {
	f, ok := a.files[r.PathValue("name")]
	if !ok {
		return notFound
	}
	k := DeskAsset
	if f.brief {
		k = Asset
	}
	setHeaders(w.Header(), k)
	w.Header().Set("Content-Type", f.kind)
	return compressed(w, r, http.StatusOK, f.body)
}
