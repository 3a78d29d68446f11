# SPDX-License-Identifier: MIT
#
# Headers, the package files of find_package (for the install tree and for the build tree) and of pkg-config.
# Everything goes below share/, because a header-only library is the same on every architecture.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(diffode_package_dir "${CMAKE_INSTALL_DATADIR}/cmake/diffode")
set(diffode_pc_dir "${CMAKE_INSTALL_DATADIR}/pkgconfig")

target_include_directories(diffode INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

configure_package_config_file(
  "${CMAKE_CURRENT_LIST_DIR}/diffodeConfig.cmake.in" "${PROJECT_BINARY_DIR}/diffodeConfig.cmake"
  INSTALL_DESTINATION "${diffode_package_dir}" NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may break its users.
write_basic_package_version_file("${PROJECT_BINARY_DIR}/diffodeConfigVersion.cmake"
  COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)

# pkg-config finds the headers relative to the .pc file, so that the tree can be moved.
if(IS_ABSOLUTE "${CMAKE_INSTALL_INCLUDEDIR}" OR IS_ABSOLUTE "${diffode_pc_dir}")
  set(diffode_pc_prefix "${CMAKE_INSTALL_PREFIX}")
  set(diffode_pc_includedir "${CMAKE_INSTALL_FULL_INCLUDEDIR}")
else()
  file(RELATIVE_PATH to_prefix "/prefix/${diffode_pc_dir}" "/prefix")
  set(diffode_pc_prefix "\${pcfiledir}/${to_prefix}")
  string(REGEX REPLACE "/$" "" diffode_pc_prefix "${diffode_pc_prefix}")
  set(diffode_pc_includedir "\${prefix}/${CMAKE_INSTALL_INCLUDEDIR}")
endif()
configure_file("${CMAKE_CURRENT_LIST_DIR}/diffode.pc.in" "${PROJECT_BINARY_DIR}/diffode.pc" @ONLY)

install(TARGETS diffode EXPORT diffode_targets)
install(EXPORT diffode_targets NAMESPACE diffode:: FILE diffodeTargets.cmake DESTINATION "${diffode_package_dir}")
export(EXPORT diffode_targets NAMESPACE diffode:: FILE "${PROJECT_BINARY_DIR}/diffodeTargets.cmake")

install(DIRECTORY "${PROJECT_SOURCE_DIR}/include/diffode" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
  FILES_MATCHING PATTERN "*.hpp" PATTERN "*.inl" PATTERN "*.cuh")
install(FILES "${PROJECT_BINARY_DIR}/diffodeConfig.cmake" "${PROJECT_BINARY_DIR}/diffodeConfigVersion.cmake"
  DESTINATION "${diffode_package_dir}")
install(FILES "${PROJECT_BINARY_DIR}/diffode.pc" DESTINATION "${diffode_pc_dir}")
install(FILES "${PROJECT_SOURCE_DIR}/LICENSE" DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/diffode")
