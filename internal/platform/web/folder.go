package web

import "io/fs"

// Folder is a folder of an embedded file system, as features keep their pages
// and words in one. It panics for a folder that is not there.
func Folder(files fs.FS, dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err)
	}
	return f
}
