# SPDX-License-Identifier: Apache-2.0
dixion_library(bus SOURCES bus.cpp LINKS dixion::common dixion::interconnect_core dixion::systemc SYSTEMC)
