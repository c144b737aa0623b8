# One Debian package a program, by CPack. deploy/debs sets the paths right, and
# runs it.
find_program(GZIP gzip REQUIRED)
set(here ${CMAKE_CURRENT_LIST_DIR})
set(made ${CMAKE_CURRENT_BINARY_DIR}/debian)
file(MAKE_DIRECTORY ${made})

# carrick_gzip(RESULT DEPENDS COMMAND...) - what the command says, compressed
# as Debian's policy wants it.
function(carrick_gzip result depends)
  add_custom_command(OUTPUT ${made}/${result}
    COMMAND sh -c "\"$@\" | ${GZIP} -9n >${made}/${result}" sh ${ARGN}
    DEPENDS ${depends} VERBATIM)
endfunction()

carrick_gzip(changelog.gz ${here}/changelog cat ${here}/changelog)
set(files ${made}/changelog.gz)

# component, program, section of its manual page
foreach(package IN ITEMS "control;carrick-control;8" "splice;carrick-splice;8"
    "client;carrick;1")
  list(GET package 0 component)
  list(GET package 1 program)
  list(GET package 2 section)
  set(page ${program}.${section}.gz)
  carrick_gzip(${page} "${program};${here}/manual"
    ${here}/manual $<TARGET_FILE:${program}> ${section})
  list(APPEND files ${made}/${page})
  install(FILES ${made}/${page} DESTINATION share/man/man${section}
    COMPONENT ${component})
  install(FILES ${here}/copyright ${made}/changelog.gz
    DESTINATION share/doc/carrick-${component} COMPONENT ${component})
endforeach()
add_custom_target(debian_files ALL DEPENDS ${files})

install(FILES examples/control.yml DESTINATION /etc/carrick COMPONENT control)
install(FILES examples/splice.yml DESTINATION /etc/carrick COMPONENT splice
  RENAME splice-7443.yml)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME carrick)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL control splice client)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER
  "Carrick maintainers <maintainers@carrick.example>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# CPack has one synopsis for all.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "rendezvous relay in two processes")
set(relay
"A machine behind NAT is reached, end-to-end encrypted, through a relay that
never sees plaintext.
")
set(CPACK_COMPONENT_CONTROL_DESCRIPTION "${relay}
This part ends the clients' TLS control streams, issues one-time tokens, and
tells the splice nodes (carrick-splice) which connections to join. It has no
public port.")
set(CPACK_COMPONENT_SPLICE_DESCRIPTION "${relay}
This part has the public port: unprivileged, without TLS, without a key of
relay or client. It accepts connections, and splices the two that
carrick-control names.")
set(CPACK_COMPONENT_CLIENT_DESCRIPTION "${relay}
This part is for everybody else: it exposes a service, connects to one, and
lets an operator look in.")

# Users and folders are systemd's to make, with or without it as init.
set(sysusers "systemd | systemd-standalone-sysusers | systemd-sysusers")
set(tmpfiles "systemd | systemd-standalone-tmpfiles | systemd-tmpfiles")
set(CPACK_DEBIAN_CONTROL_PACKAGE_DEPENDS "${sysusers}, ${tmpfiles}")
set(CPACK_DEBIAN_CONTROL_PACKAGE_RECOMMENDS carrick-client)
set(CPACK_DEBIAN_CONTROL_PACKAGE_SUGGESTS carrick-splice)
set(CPACK_DEBIAN_SPLICE_PACKAGE_DEPENDS "${sysusers}")
set(CPACK_DEBIAN_SPLICE_PACKAGE_SUGGESTS carrick-control)
foreach(component IN ITEMS CONTROL SPLICE)
  string(TOLOWER ${component} folder)
  set(CPACK_DEBIAN_${component}_PACKAGE_CONTROL_EXTRA
    ${here}/${folder}/conffiles ${here}/${folder}/postinst
    ${here}/${folder}/prerm ${here}/${folder}/postrm)
endforeach()
include(CPack)
