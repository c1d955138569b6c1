package blob

import "golang.org/x/sys/windows"

// free is how many bytes of a folder's disk may still be written by us.
func free(dir string) (int64, error) {
	path, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, err
	}
	var room uint64
	err = windows.GetDiskFreeSpaceEx(path, &room, nil, nil)
	return int64(room), err //nolint:gosec // no disk is that large
}
