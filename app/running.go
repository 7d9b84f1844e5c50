//go:build (dev || production) && !bindings

package app

// generating says that this program only tells Wails what the page can call.
const generating = false
