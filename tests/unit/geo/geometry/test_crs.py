import numpy as np
import pytest
import shapely
from pyproj import CRS, Geod

from geo.errors import BadValue, UnknownReference
from geo.geometry import crs


@pytest.mark.parametrize(
    ("bounds", "epsg"),
    [
        ((120.0, 30.1, 120.2, 30.4), 4549),  # Hangzhou, 120° E
        ((113.2, 23.0, 113.4, 23.2), 4547),  # Guangzhou, 114° E
        ((126.5, 45.7, 126.7, 45.9), 4551),  # Harbin, 126° E
        ((75.0, 39.0, 75.2, 39.2), 4534),
        ((135.5, 48.0, 137.0, 48.4), 4554),
        ((72.1, 39.0, 72.2, 39.2), 4534),
        ((-76.7, 39.2, -76.5, 39.4), 32618),
        ((24.8, 60.1, 25.0, 60.3), 32635),
        ((151.1, -33.9, 151.3, -33.8), 32756),
        ((179.9, 10.0, 180.1, 10.1), 32660),
    ],
)
def test_metric_crs_is_the_zone_of_the_middle(bounds, epsg):
    assert crs.metric_crs(bounds).to_epsg() == epsg


def test_metric_crs_of_nothing_is_refused():
    with pytest.raises(BadValue) as refused:
        crs.metric_crs((np.nan, np.nan, np.nan, np.nan))
    assert refused.value.fields["field"] == "bounds"


@pytest.mark.parametrize("lon", [118.5, 119.0, 120.0, 121.49])
def test_scale_error_in_a_gauss_kruger_zone_is_as_stated(lon):
    line = shapely.LineString([(lon, 30.0), (lon, 30.01)])
    true_m = Geod(ellps="WGS84").geometry_length(line)
    metric = crs.metric_crs((118.6, 29.0, 121.4, 31.0))
    projected_m = shapely.length(crs.to_metric([line], metric))[0]
    assert abs(projected_m / true_m - 1) < 3.5e-4


def test_metric_and_back_keeps_every_vertex_to_a_micrometre():
    cells = np.array([shapely.box(120.1, 30.1, 120.2, 30.2), shapely.box(120.2, 30.1, 120.3, 30.2), None])
    metric = crs.metric_crs((120.1, 30.1, 120.3, 30.2))
    back = crs.to_lonlat(crs.to_metric(cells, metric), metric)
    assert shapely.equals_exact(back[:2], cells[:2], tolerance=1e-11).all()
    assert back[2] is None


def test_shared_vertices_stay_shared():
    cells = [shapely.box(120.1, 30.1, 120.2, 30.2), shapely.box(120.2, 30.1, 120.3, 30.2)]
    assert shapely.coverage_is_valid(crs.to_metric(cells, CRS.from_epsg(4549)))


def test_heights_are_dropped():
    assert not shapely.has_z(crs.to_metric([shapely.Point(120, 30, 5)], CRS.from_epsg(4549)))[0]


@pytest.mark.parametrize(
    ("name", "canonical", "epsg", "datum"),
    [
        ("wgs84", "wgs84", 4326, None),
        ("CGCS2000", "cgcs2000", 4490, None),
        (" gcj02 ", "gcj02", 4326, "gcj02"),
        ("BD09", "bd09", 4326, "bd09"),
        ("epsg:4549", "EPSG:4549", 4549, None),
        ("EPSG:3857", "EPSG:3857", 3857, None),
    ],
)
def test_references_are_known_by_name(name, canonical, epsg, datum):
    known = crs.reference(name)
    assert (known.name, known.crs.to_epsg(), known.datum) == (canonical, epsg, datum)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "4326",
        "EPSG:",
        "EPSG:0",
        "EPSG:999999",
        "EPSG:99999999999999999999",
        "EPSG:5773",  # a height
        "EPSG:4978",  # geocentric
        "EPSG:9518",  # geographic with height
        "EPSG:4979",  # geographic with ellipsoidal height
        "+proj=utm +zone=50",
        "EPSG:4326; DROP TABLE grids",
        "gcj-02\x00",
    ],
)
def test_unknown_references_are_refused(name):
    with pytest.raises(UnknownReference) as refused:
        crs.reference(name)
    assert refused.value.fields["name"] == name


@pytest.mark.parametrize(
    "name", ["wgs84", "cgcs2000", "gcj02", "bd09", "EPSG:4549", "EPSG:32651", "EPSG:3857"]
)
def test_into_storage_and_out_again_is_the_identity(name):
    known = crs.reference(name)
    cell = shapely.box(120.1, 30.1, 120.2, 30.2)
    [written] = crs.from_storage([cell], known)
    [read] = crs.to_storage([written], known)
    assert shapely.equals_exact(read, cell, tolerance=1e-10)


def test_points_and_geometries_agree():
    known = crs.reference("bd09")
    [point] = crs.to_storage([shapely.Point(116.41, 39.92)], known)
    lon, lat = crs.to_storage_xy([116.41], [39.92], known)
    assert (point.x, point.y) == (lon[0], lat[0])


def test_cgcs2000_and_wgs84_are_the_same_numbers():
    lon, lat = crs.to_storage_xy([120.123456789], [30.123456789], crs.reference("cgcs2000"))
    assert (lon[0], lat[0]) == (120.123456789, 30.123456789)


@pytest.mark.parametrize("name", ["wgs84", "gcj02", "bd09", "EPSG:4549"])
@pytest.mark.parametrize("nowhere", [np.nan, np.inf])
def test_vertices_that_are_nowhere_are_infinite_and_no_error(name, nowhere):
    cell = shapely.transform(shapely.box(120, 30, 121, 31), lambda xy: np.where(xy == [120, 31], np.inf, xy))
    [read] = crs.to_storage([cell], crs.reference(name))
    assert not np.isfinite(shapely.get_coordinates(read)).all()
    assert not np.isfinite(crs.to_storage_xy([nowhere], [nowhere], crs.reference(name))).any()


def test_a_place_that_is_nowhere_is_infinite_and_no_error():
    lon, _ = crs.to_storage_xy([1e30], [1e30], crs.reference("EPSG:4549"))
    assert not np.isfinite(lon[0])
