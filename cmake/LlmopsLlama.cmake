# placeholder while the fetch module is being written
